// The window: who has logged in hands a code to the frame that opened it, if that is of our own site.

import { post, say, texts } from "./words";

export async function hand_over({ challenge, token }) {
	try {
		if (!window.opener) return say(texts.done);
		const { code } = await post("code", { challenge }, token);
		window.opener.postMessage({ ouderavond: { code } }, window.location.origin);
		say(texts.done);
		window.close();
	} catch {
		say(texts.failed, "problem");
	}
}
