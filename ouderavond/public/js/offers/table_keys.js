// The keys that move through a table.

// How far each goes: (table) -> [rows, columns].
const STEPS = {
	ArrowDown: () => [1, 0],
	ArrowUp: () => [-1, 0],
	ArrowRight: () => [0, 1],
	ArrowLeft: () => [0, -1],
	PageDown: (table) => [table.page_size, 0],
	PageUp: (table) => [-table.page_size, 0],
};

/** Move as the key says, with Shift selecting on the way; false when it is no such key. */
export function move(table, event) {
	const to = destination(table, event);
	if (!to) return false;
	event.preventDefault();
	// Shortcuts of the desk listen to the arrows too.
	event.stopPropagation();
	const from = table.at.row;
	table.at = to;
	table.focus();
	if (event.shiftKey && to.row !== from && to.row >= 0) table.selection.extend_to(to.row, from);
	return true;
}

function destination(table, event) {
	const { row, column } = table.at;
	const [last_row, last_column] = [table.total - 1, table.cells.length - 1];
	if (event.altKey) return null;
	if (event.key === "Home") return { row: event.ctrlKey ? Math.min(0, last_row) : row, column: 0 };
	if (event.key === "End") return { row: event.ctrlKey ? last_row : row, column: last_column };
	const step = STEPS[event.key]?.(table);
	if (!step) return null;
	// Page Up stops at the first row; only the arrow goes on into the head.
	const least = event.key === "ArrowUp" ? -1 : Math.min(row, 0);
	return {
		row: Math.max(least, Math.min(row + step[0], last_row)),
		column: Math.max(0, Math.min(column + step[1], last_column)),
	};
}
