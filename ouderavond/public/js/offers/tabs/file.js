// From a file: bring it, look at what each line will do, then offer it; and, below, tailored programs, which need
// no file.

import { el } from "../dom.js";
import { FileImport } from "./file_import.js";
import { TailoredPrograms } from "./file_tailored.js";

export class FileTab {
	static key = "file";
	static label = () => __("From a File");

	constructor(page, parent) {
		const [above, below] = [el("section", { class: "oa-file" }), el("section", { class: "oa-tailored" })];
		parent.append(above, below);
		this.file = new FileImport(page, above);
		this.tailored = new TailoredPrograms(page, below);
	}

	async show() {
		await this.tailored.show();
	}

	async refresh() {
		await Promise.all([this.file.refresh(), this.tailored.refresh()]);
	}
}
