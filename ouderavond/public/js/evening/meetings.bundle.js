import { before_publishing, findings_list, test_evening } from "./connection_test.js";

frappe.provide("frappe.ouderavond.meetings");
// The forms of an evening and of the settings are scripts of the platform's own and cannot import.
Object.assign(frappe.ouderavond.meetings, { before_publishing, findings_list, test_evening });
