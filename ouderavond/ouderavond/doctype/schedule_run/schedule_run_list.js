frappe.listview_settings["Schedule Run"] = {
	add_fields: ["state", "applied_on", "status", "evening"],
	get_indicator(doc) {
		if (doc.applied_on) return [__("Applied"), "green", "applied_on,is,set"];
		const colors = {
			Queued: "gray",
			Running: "blue",
			Finished: "cyan",
			Cancelled: "orange",
			Interrupted: "red",
			Failed: "red",
		};
		return [__(doc.state), colors[doc.state] || "gray", `state,=,${doc.state}`];
	},
};
