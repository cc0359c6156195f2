import { change_instructors } from "./change_alone.js";
import * as dialogs from "./dialogs.js";
import { OffersPage } from "./page.js";
import { Table } from "./table.js";

frappe.provide("frappe.ouderavond");
// The page's own script opens the page; other scripts of the desk may show and choose in the same way.
Object.assign(frappe.ouderavond, { OffersPage, Table, change_instructors, dialogs });
