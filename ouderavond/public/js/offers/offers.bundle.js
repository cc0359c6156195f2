import { OffersPage } from "./page.js";

frappe.provide("frappe.ouderavond");
frappe.ouderavond.OffersPage = OffersPage;
