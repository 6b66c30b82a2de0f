//! Conclusions.
