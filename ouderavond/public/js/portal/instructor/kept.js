// What is kept on this device until the server has it: under the user's name, in order, and never twice.

import { user } from "../booking/source";

export class Kept {
	constructor(name) {
		this.key = `oa-${name}:${user()}`;
		this.memory = [];
	}

	get rows() {
		try {
			return JSON.parse(localStorage.getItem(this.key)) || [];
		} catch {
			return this.memory;
		}
	}

	set rows(rows) {
		this.memory = rows;
		try {
			if (rows.length) localStorage.setItem(this.key, JSON.stringify(rows));
			else localStorage.removeItem(this.key);
		} catch {
			// Private windows may refuse: then they are kept as long as the page is open.
		}
	}

	add(row) {
		this.rows = [...this.rows.filter((one) => one.id !== row.id), row];
	}

	drop(ids) {
		this.rows = this.rows.filter((row) => !ids.includes(row.id));
	}
}
