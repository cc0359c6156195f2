export class CourseTab {
	static key = "by-course";
	static label = () => __("By Course");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show() {
		this.parent.textContent = CourseTab.label();
	}

	async refresh() {}
}
