import js from "@eslint/js";
import globals from "globals";

// What the desk and the portal bring.
const platform = {
	$: "readonly",
	__: "readonly",
	cint: "readonly",
	cur_frm: "readonly",
	frappe: "writable",
	locals: "readonly",
	moment: "readonly",
};

export default [
	{ ignores: ["**/public/dist/**"] },
	js.configs.recommended,
	{
		languageOptions: {
			ecmaVersion: 2022,
			sourceType: "module",
			globals: { ...globals.browser, ...platform },
		},
		rules: { eqeqeq: ["error", "smart"], "no-var": "error", "prefer-const": "error" },
	},
];
