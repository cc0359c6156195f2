export class ViewsTab {
	static key = "views";
	static label = () => __("Views");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {
		this.parent.textContent = ViewsTab.label();
	}

	async refresh() {}
}
