// The tabs of the page, in the order in which an evening is planned. What a tab is, says offers/tabs.js.

import { BlocksTab } from "./tabs/blocks.js";
import { BoardTab } from "./tabs/board.js";
import { DisruptionsTab } from "./tabs/disruptions.js";
import { OnlineTab } from "./tabs/online.js";
import { OverviewsTab } from "./tabs/overviews.js";
import { PlacesTab } from "./tabs/places.js";
import { PublishTab } from "./tabs/publish.js";
import { RunsTab } from "./tabs/runs.js";

export const TABS = [
	BoardTab,
	PlacesTab,
	BlocksTab,
	RunsTab,
	DisruptionsTab,
	PublishTab,
	OnlineTab,
	OverviewsTab,
];
