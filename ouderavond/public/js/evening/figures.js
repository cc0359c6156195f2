// On the form of an evening: its figures as charts, each with the same numbers in a table.

(() => {
	// Booked and free: told apart by lightness too.
	const COLOURS = ["#2f7d4f", "#d5dbe3"];

	const number = (value) => Number(value).toLocaleString(frappe.boot.lang || undefined);

	frappe.ui.form.on("Parent Evening", {
		refresh(frm) {
			frm.oa_figures?.remove();
			frm.oa_figures = null;
			const may = frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);
			if (!frm.is_new() && may) show(frm);
		},
	});

	async function show(frm) {
		const evening = frm.doc.name;
		const method = "ouderavond.api.planning.overviews.figures";
		const { message } = await frappe.call({ method, type: "GET", args: { evening } });
		if (frm.doc.name !== evening || frm.oa_figures || !message?.charts.length) return;
		frm.oa_figures = $('<section class="oa-figures"></section>').attr("aria-label", __("Figures"));
		// Below what is to be done, above what is filled in.
		frm.oa_figures.insertBefore(frm.layout.wrapper.find(".form-page").first());
		frm.oa_figures.css({
			display: "flex",
			flexWrap: "wrap",
			gap: "12px",
			margin: "0 0 var(--margin-md, 15px)",
		});
		for (const chart of message.charts) add(frm.oa_figures, chart);
	}

	function add(parent, chart) {
		const figure = $('<figure style="margin: 0; min-width: 0; overflow: hidden"></figure>').css({
			border: "1px solid var(--border-color)",
			borderRadius: "var(--border-radius-lg, 10px)",
			padding: "10px 12px",
			background: "var(--card-bg, var(--fg-color))",
			// Many bars need room.
			flex: chart.labels.length > 8 ? "2 1 340px" : "1 1 210px",
		});
		const caption = $('<figcaption style="font-weight: 600"></figcaption>').text(chart.title);
		figure.append(caption).appendTo(parent);
		if (chart.type === "shares") return figure.append(shares(chart));
		// The drawing says nothing to a screen reader: the table below it does.
		const drawing = $('<div aria-hidden="true"></div>');
		figure.append(drawing, numbers(chart));
		draw(drawing[0], chart);
	}

	// A few parts of a whole: their names do not fit below the bars of a chart.
	function shares(chart) {
		const { values } = chart.datasets[0];
		const whole = values.reduce((sum, value) => sum + value, 0);
		const list = $('<ul style="list-style: none; margin: 10px 0 0; padding: 0"></ul>');
		chart.labels.forEach((label, i) => {
			const percent = Math.round((100 * values[i]) / whole);
			const line = $('<div style="display: flex; justify-content: space-between; gap: 8px"></div>');
			line.append($("<span></span>").text(label));
			line.append($("<span></span>").text(__("{0} ({1}%)", [number(values[i]), percent])));
			const bar = $('<div style="height: 8px; border-radius: 4px"></div>').css({
				width: `${percent}%`,
				minWidth: "2px",
				background: COLOURS[0],
			});
			$('<li style="margin-bottom: 12px"></li>').append(line, bar).appendTo(list);
		});
		return list;
	}

	function draw(element, chart) {
		new frappe.Chart(element, {
			type: "bar",
			height: 170,
			data: { labels: chart.labels, datasets: chart.datasets },
			colors: COLOURS,
			barOptions: { stacked: chart.type === "stacked", spaceRatio: 0.4 },
			axisOptions: { xAxisMode: "tick", xIsSeries: chart.labels.length > 8, shortenYAxisNumbers: 1 },
			animate: 0,
		});
	}

	function numbers(chart) {
		const details = $('<details class="text-muted"></details>');
		$("<summary></summary>").text(__("Show as a table")).appendTo(details);
		const table = $('<table class="table table-sm" style="margin: 6px 0 0"></table>').appendTo(details);
		const head = $("<tr></tr>").appendTo($("<thead></thead>").appendTo(table));
		head.append($('<td aria-hidden="true"></td>'));
		for (const { name } of chart.datasets)
			head.append($('<th scope="col" class="text-right"></th>').text(name));
		const body = $("<tbody></tbody>").appendTo(table);
		chart.labels.forEach((label, i) => {
			const row = $("<tr></tr>").appendTo(body);
			row.append($('<th scope="row" style="font-weight: 400"></th>').text(label));
			for (const { values } of chart.datasets)
				row.append($('<td class="text-right"></td>').text(number(values[i])));
		});
		return details;
	}
})();
