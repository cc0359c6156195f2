export class ClassesTab {
	static key = "classes";
	static label = () => __("Classes per Date");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {
		this.parent.textContent = ClassesTab.label();
	}

	async refresh() {}
}
