"""One wing per provider. A wing reads its provider and says what it learned; it never imports another wing."""
