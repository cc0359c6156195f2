import { OffersPage } from "./page.js";
import { Table } from "./table.js";

frappe.provide("frappe.ouderavond");
// The page's own script opens the page; other scripts of the desk may show their rows in such a table too.
Object.assign(frappe.ouderavond, { OffersPage, Table });
