"""Provider API → config. The SDK is imported when the first call is made, and never when answers are replayed."""
