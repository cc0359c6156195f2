/** A random number between two. */
export function between(from, to) {
	return from + Math.random() * (to - from);
}
