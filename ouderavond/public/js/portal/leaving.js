// Inside another site's page: be nobody here any more. Elsewhere nothing changes.

import { call } from "./calls";

export async function leave() {
	await call("ouderavond.api.frames.leave", {});
	window.location.reload();
}
