// How keys walk through a grid.

const PAGE = 5;

const MOVES = {
	ArrowLeft: ({ row, column }) => [row, column - 1],
	ArrowRight: ({ row, column }) => [row, column + 1],
	ArrowUp: ({ row, column }) => [row - 1, column],
	ArrowDown: ({ row, column }) => [row + 1, column],
	PageUp: ({ row, column }) => [row - PAGE, column],
	PageDown: ({ row, column }) => [row + PAGE, column],
	Home: ({ row, ctrl }) => [ctrl ? 0 : row, 1],
	End: ({ row, ctrl }) => [ctrl ? Infinity : row, Infinity],
};

/** The cell that a key leads to from a cell; null where the key leads nowhere. */
export function step(td, event) {
	const move = MOVES[event.key];
	if (!move || event.altKey || event.metaKey) return null;
	const { rows } = td.closest("tbody");
	const here = { row: td.parentElement.sectionRowIndex, column: td.cellIndex, ctrl: event.ctrlKey };
	const [row, column] = move(here);
	const line = rows[within(row, 0, rows.length - 1)];
	return line.cells[within(column, 1, line.cells.length - 1)];
}

function within(value, least, most) {
	return Math.max(least, Math.min(most, value));
}
