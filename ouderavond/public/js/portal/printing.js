// Prints one part of the page: the conversations of one role, or an evening of an instructor.

const PARTS = ".oa-part, .oa-evening";

export function print_part(button) {
	const part = button.closest(PARTS);
	const page = button.closest(".oa-portal");
	const clear = () => {
		part?.classList.remove("oa-printed");
		page.classList.remove("oa-prints-one");
	};
	part?.classList.add("oa-printed");
	page.classList.toggle("oa-prints-one", Boolean(part));
	window.addEventListener("afterprint", clear, { once: true });
	window.print();
}
