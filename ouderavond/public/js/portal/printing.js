// Prints one part of the page: the conversations of one role, or of one evening.

const PARTS = ".oa-part, .oa-evening";

export function print_part(button) {
	const page = button.closest(".oa-portal");
	const part = button.closest(PARTS);
	const evening = button.closest(".oa-tools")?.dataset.evening;
	part?.classList.add("oa-printed");
	page.classList.toggle("oa-prints-one", Boolean(part));
	if (evening) leave_out(part, evening);
	window.addEventListener("afterprint", () => clear(page), { once: true });
	window.print();
}

// The conversations of other evenings, and days of which nothing is left.
function leave_out(part, evening) {
	for (const day of part.querySelectorAll(".oa-day")) {
		const rows = [...day.nextElementSibling.querySelectorAll(".oa-conversation")];
		const others = rows.filter((row) => row.dataset.evening !== evening);
		for (const row of others) row.classList.add("oa-left-out");
		day.classList.toggle("oa-left-out", others.length === rows.length);
	}
}

function clear(page) {
	page.classList.remove("oa-prints-one");
	for (const name of ["oa-printed", "oa-left-out"]) {
		for (const element of page.querySelectorAll(`.${name}`)) element.classList.remove(name);
	}
}
