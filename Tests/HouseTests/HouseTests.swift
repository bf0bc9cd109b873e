// The tests of House.
