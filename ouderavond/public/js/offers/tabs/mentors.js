export class MentorsTab {
	static key = "mentors";
	static label = () => __("Mentors");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {
		this.parent.textContent = MentorsTab.label();
	}

	async refresh() {}
}
