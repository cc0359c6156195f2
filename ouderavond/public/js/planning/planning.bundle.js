import { PlanningPage } from "./page.js";

frappe.provide("frappe.ouderavond");
frappe.ouderavond.PlanningPage = PlanningPage;
