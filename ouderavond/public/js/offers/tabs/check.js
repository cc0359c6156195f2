export class CheckTab {
	static key = "check";
	static label = () => __("Check");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {
		this.parent.textContent = CheckTab.label();
	}

	async refresh() {}
}
