//! The pages in real headless Chromium: what a person sees, what runs, and what does not.

mod accessible;
mod admin;
mod badges;
mod chromium;
mod hostile;
mod keyboard;
mod page;
mod scenes;
mod screenshots;
mod walk;
