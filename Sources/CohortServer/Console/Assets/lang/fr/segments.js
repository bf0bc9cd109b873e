// Segments: the list, one segment, and the builder.
export default {};
