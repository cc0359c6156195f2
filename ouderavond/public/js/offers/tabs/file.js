export class FileTab {
	static key = "file";
	static label = () => __("From a File");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {
		this.parent.textContent = FileTab.label();
	}

	async refresh() {}
}
