//! Recorded output, and what is made of it.
