export class StudentsTab {
	static key = "students";
	static label = () => __("Per Student");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {
		this.parent.textContent = StudentsTab.label();
	}

	async refresh() {}
}
