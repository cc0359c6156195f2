// Signing in inside a frame of another site: the card there, and the window that it opens.

import { Card } from "./sign_in/card";
import { hand_over } from "./sign_in/window";

const given = document.getElementById("os-window");
if (given) hand_over(JSON.parse(given.textContent));
else new Card(document.querySelector(".os-card"));
