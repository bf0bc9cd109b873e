import CohortWire

/// Sorts texts as bytes.
///
/// Eight bytes of each text at a time stand beside its place, so that nearly every comparison is
/// one of two numbers that lie next to each other:
///
///     chunk: 8 bytes, the first the most significant | place: 4 | rest: 4, bytes left, at most 9
///
/// Texts that are equal so far are sorted again by their next eight bytes; a chunk behind the end
/// of its text is filled with zeros, and `rest` tells `a` from `a␀`. Equal texts keep the order of
/// their places. The only unsafe steps are the view of a part of the array, so that sorting it
/// copies nothing, and the load of a chunk, whose bounds are checked.
struct TextOrder {
  /// The places of all texts but the repeated ones, sorted.
  private(set) var places: [UInt32]
  /// Each text that stood before, with the first place at which it did, in no order.
  private(set) var repeats: [(place: UInt32, first: UInt32)] = []

  /// - Parameters:
  ///   - list: The texts.
  ///   - given: The places to be sorted, increasing.
  init(_ list: TextList, _ given: [UInt32]) {
    places = given
    guard !Self.isSorted(list, given) else { return }
    var entries = given.map { Entry(list, $0, depth: 0) }
    var work = [(range: 0..<entries.count, depth: 0)]
    var isRepeat: Set<UInt32> = []
    while let (range, depth) = work.popLast() {
      unsafe entries.withUnsafeMutableBufferPointer { buffer in
        var part = unsafe UnsafeMutableBufferPointer(rebasing: buffer[range])
        unsafe part.sort()
      }
      var start = range.lowerBound
      while start < range.upperBound {
        var end = start + 1
        while end < range.upperBound, entries[end].isLike(entries[start]) { end += 1 }
        if end - start > 1 {
          if entries[start].rest > 8 {
            for index in start..<end {
              entries[index] = Entry(list, entries[index].place, depth: depth + 8)
            }
            work.append((start..<end, depth + 8))
          } else {
            for index in start + 1..<end {
              repeats.append((entries[index].place, entries[start].place))
              isRepeat.insert(entries[index].place)
            }
          }
        }
        start = end
      }
    }
    places.removeAll(keepingCapacity: true)
    for entry in entries where isRepeat.isEmpty || !isRepeat.contains(entry.place) {
      places.append(entry.place)
    }
  }

  /// Whether the texts increase strictly, as of a query with an `order by`.
  private static func isSorted(_ list: TextList, _ places: [UInt32]) -> Bool {
    var index = 1
    while index < places.count {
      guard isLess(list, Int(places[index - 1]), list, Int(places[index])) else { return false }
      index += 1
    }
    return true
  }

  private struct Entry: Comparable {
    let chunk: UInt64
    let place: UInt32
    let rest: UInt32

    @inline(__always)
    init(_ list: TextList, _ place: UInt32, depth: Int) {
      let range = list.range(Int(place))
      chunk = TextOrder.chunk(list.bytes.span, range.lowerBound + depth, range.upperBound)
      rest = UInt32(min(range.count - depth, 9))
      self.place = place
    }

    @inline(__always)
    func isLike(_ other: Entry) -> Bool { chunk == other.chunk && rest == other.rest }

    @inline(__always)
    static func < (a: Entry, b: Entry) -> Bool {
      if a.chunk != b.chunk { return a.chunk < b.chunk }
      return a.rest == b.rest ? a.place < b.place : a.rest < b.rest
    }
  }

  /// Up to eight bytes as a number, the first the most significant, filled with zeros.
  @inline(__always)
  private static func chunk(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
    if start + 8 <= bytes.count {
      let word = UInt64(
        bigEndian: unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
      let missing = max(0, start + 8 - end)
      return missing >= 8 ? 0 : word & (~0 << UInt64(missing * 8))
    }
    var chunk: UInt64 = 0
    for at in start..<start + 8 { chunk = chunk << 8 | (at < end ? UInt64(bytes[at]) : 0) }
    return chunk
  }

  /// Whether one text is less than another of the same list or of another.
  @inline(__always)
  static func isLess(_ a: TextList, _ i: Int, _ b: TextList, _ j: Int) -> Bool {
    compare(a, i, b, j) < 0
  }

  /// Less than zero, zero or more than zero, as the first text is less than, equal to or greater
  /// than the second.
  static func compare(_ a: TextList, _ i: Int, _ b: TextList, _ j: Int) -> Int {
    let (left, right) = (a.range(i), b.range(j))
    let (leftBytes, rightBytes) = (a.bytes.span, b.bytes.span)
    var depth = 0
    while depth < left.count, depth < right.count {
      let one = chunk(leftBytes, left.lowerBound + depth, left.upperBound)
      let other = chunk(rightBytes, right.lowerBound + depth, right.upperBound)
      if one != other { return one < other ? -1 : 1 }
      depth += 8
    }
    return left.count - right.count
  }
}
