//! Copies made by hand.
