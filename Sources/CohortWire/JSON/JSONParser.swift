/// Turns a text into a tape in one pass.
///
/// Invariants between two values:
/// - `entries` ends with the last value read; containers still open are chained through their
///   entries, so nesting needs no stack and no recursion;
/// - `unescaped` holds, in order, the strings that could not be left where they stand.
struct JSONParser: Sendable {
  var entries: [JSONEntry] = [JSONEntry(.null)]
  var unescaped: [UInt8] = []
  /// Scratch for the keys of large objects.
  var slots: [UInt64] = []

  /// Makes the tape that of the text `null`.
  mutating func reset() {
    entries.removeAll(keepingCapacity: true)
    entries.append(JSONEntry(.null))
    unescaped.removeAll(keepingCapacity: true)
  }

  /// The innermost array or object that is still open.
  private struct Open {
    /// Its entry, -1 outside of all.
    var index = -1
    var isObject = false
    /// Its elements or members so far.
    var count = 0
    var depth = 0
  }

  mutating func parse(_ text: Span<UInt8>, limits: JSONLimits) throws(JSONError) {
    entries.removeAll(keepingCapacity: true)
    unescaped.removeAll(keepingCapacity: true)
    guard text.count <= limits.byteCount else {
      throw JSONError(.tooLong, at: limits.byteCount)
    }
    if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
      throw JSONError(.byteOrderMark, at: 0)
    }
    var open = Open()
    var at = Self.skipSpace(text, 0)
    var isOpen = true
    while isOpen {
      if try value(text, &at, &open, limits) { continue }
      isOpen = try afterValue(text, &at, &open)
    }
  }

  /// Reads the value that begins at `at`, or its opening bracket.
  ///
  /// - Returns: Whether the next thing is again a value: the first inside a container.
  @inline(__always)
  private mutating func value(
    _ text: Span<UInt8>, _ at: inout Int, _ open: inout Open, _ limits: JSONLimits
  ) throws(JSONError) -> Bool {
    guard at < text.count else { throw JSONError(.endsEarly, at: at) }
    switch text[at] {
    case UInt8(ascii: "\""):
      at = try string(text, from: at &+ 1)
      // The hot path of the house: a thousand identifiers in a row.
      while !open.isObject, open.index >= 0, text.count &- at > 2,
        text[at] == UInt8(ascii: ","), text[at &+ 1] == UInt8(ascii: "\"")
      {
        open.count &+= 1
        at = try string(text, from: at &+ 2)
      }
    case UInt8(ascii: "["):
      try push(.array, at, &open, limits)
      at = Self.skipSpace(text, at + 1)
      guard at < text.count, text[at] == UInt8(ascii: "]") else { return true }
      at += 1
      try pop(text, &open)
    case UInt8(ascii: "{"):
      try push(.object, at, &open, limits)
      at = Self.skipSpace(text, at + 1)
      guard at < text.count, text[at] == UInt8(ascii: "}") else {
        at = try key(text, at)
        return true
      }
      at += 1
      try pop(text, &open)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): at = try number(text, from: at)
    case UInt8(ascii: "t"): at = try word("true", .true, text, at)
    case UInt8(ascii: "f"): at = try word("false", .false, text, at)
    case UInt8(ascii: "n"): at = try word("null", .null, text, at)
    default: throw JSONError(.notAValue, at: at)
    }
    return false
  }

  /// Goes on behind a finished value: closes what ends here, steps over a comma.
  ///
  /// - Returns: Whether another value follows; otherwise the text is read.
  @inline(__always)
  private mutating func afterValue(
    _ text: Span<UInt8>, _ at: inout Int, _ open: inout Open
  ) throws(JSONError) -> Bool {
    while true {
      at = Self.skipSpace(text, at)
      guard open.index >= 0 else {
        guard at == text.count else { throw JSONError(.textAfterEnd, at: at) }
        return false
      }
      open.count &+= 1
      guard at < text.count else { throw JSONError(.endsEarly, at: at) }
      switch text[at] {
      case UInt8(ascii: ","):
        at = Self.skipSpace(text, at + 1)
        if open.isObject { at = try key(text, at) }
        return true
      case UInt8(ascii: "]") where !open.isObject, UInt8(ascii: "}") where open.isObject:
        at += 1
        try pop(text, &open)
      default: throw JSONError(open.isObject ? .noCommaOrBrace : .noCommaOrBracket, at: at)
      }
    }
  }

  private mutating func push(
    _ kind: JSONKind, _ at: Int, _ open: inout Open, _ limits: JSONLimits
  ) throws(JSONError) {
    guard open.depth < limits.depth else { throw JSONError(.tooDeep, at: at) }
    if open.index >= 0 {
      let parent = entries[open.index]
      entries[open.index] = JSONEntry(open.isObject ? .object : .array, parent.first, open.count)
    }
    entries.append(JSONEntry(kind, open.index + 1))
    open = Open(
      index: entries.count - 1, isObject: kind == .object, count: 0, depth: open.depth + 1)
  }

  private mutating func pop(_ text: Span<UInt8>, _ open: inout Open) throws(JSONError) {
    let parent = entries[open.index].first - 1
    entries[open.index] = JSONEntry(open.isObject ? .object : .array, entries.count, open.count)
    if open.isObject { try checkKeys(of: open.index, text) }
    open.index = parent
    open.depth -= 1
    open.isObject = parent >= 0 && entries[parent].kind == .object
    open.count = parent >= 0 ? entries[parent].second : 0
  }

  /// Reads a key, the colon and the space around it.
  private mutating func key(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
    guard start < text.count else { throw JSONError(.endsEarly, at: start) }
    guard text[start] == UInt8(ascii: "\"") else { throw JSONError(.notAKey, at: start) }
    let colon = Self.skipSpace(text, try string(text, from: start + 1))
    guard colon < text.count else { throw JSONError(.endsEarly, at: colon) }
    guard text[colon] == UInt8(ascii: ":") else { throw JSONError(.noColon, at: colon) }
    return Self.skipSpace(text, colon + 1)
  }

  @inline(__always)
  private static func skipSpace(_ text: Span<UInt8>, _ start: Int) -> Int {
    var at = start
    while at < text.count {
      switch text[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at &+= 1
      default: return at
      }
    }
    return at
  }
}
