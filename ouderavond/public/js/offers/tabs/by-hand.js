export class ByHandTab {
	static key = "by-hand";
	static label = () => __("By Hand");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {
		this.parent.textContent = ByHandTab.label();
	}

	async refresh() {}
}
