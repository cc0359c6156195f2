// The tabs of the page, in the order in which a school works.
//
// A tab is a class with `static key` (in the address), `static label()` (its title), a constructor (page, parent),
// `async show(args)` (it is opened; args is the rest of the address) and `async refresh()` (offers changed; called
// after a change while the tab is open, and after `show` when they changed while it was not).

import { ByHandTab } from "./tabs/by-hand.js";
import { CheckTab } from "./tabs/check.js";
import { ClassesTab } from "./tabs/classes.js";
import { CourseTab } from "./tabs/by-course.js";
import { FileTab } from "./tabs/file.js";
import { MentorsTab } from "./tabs/mentors.js";
import { StudentsTab } from "./tabs/students.js";
import { ViewsTab } from "./tabs/views.js";

export const TABS = [CourseTab, MentorsTab, StudentsTab, ByHandTab, FileTab, ClassesTab, CheckTab, ViewsTab];
