import CohortWire

/// Sorts texts as bytes.
///
/// Eight bytes of each text, its *chunk*, stand beside its place: those behind what all texts have
/// in common at their beginning, the first the most significant. The first two say on which of
/// 65,536 piles it goes; how high each pile gets is counted before, so that all lie one behind the
/// other in one table. Then each pile is sorted, and as a rule a pile is small enough for the
/// caches (not if an `x` among millions of `cust-…` leaves no common beginning: they are one pile):
///
///     cust-00000042 ┐          piles  ┌ 00: …     sorted  ┌ 00: 00000007 00000042 …
///     cust-12000001 ├ chunks →        ├ 12: …       →     ├ 12: 12000001 …
///     cust-00000007 ┘                 └ …                 └ …
///
/// Texts that are equal so far are sorted again by their next eight bytes; a chunk behind the end
/// of its text is filled with zeros, so how much of each text is left then tells `a` from `a␀`.
/// Equal texts keep the order of their places. The only unsafe step is the load of a chunk, whose
/// bounds are checked.
struct TextOrder {
  /// The places of all texts but the repeated ones, sorted.
  private(set) var places: [UInt32]
  /// Each text that stood before, with the first place at which it did, in no order.
  private(set) var repeats: [(place: UInt32, first: UInt32)] = []

  /// While they are sorted, the chunk of the text at each place.
  private var chunks: [UInt64] = []
  private var sorter = ChunkSorter()
  /// What is no place: there a repeated text stood.
  private static let gone = UInt32.max

  /// - Parameters:
  ///   - list: The texts.
  ///   - given: The places to be sorted, increasing.
  init(_ list: TextList, _ given: [UInt32]) {
    places = given
    guard !Self.isSorted(list, given) else { return }
    let depth = Self.sharedBeginning(list, given)
    chunks = Array(repeating: 0, count: given.count)
    places = Array(repeating: 0, count: given.count)
    let ends = Self.deal(list, given, depth, to: &chunks, &places)
    var start = 0
    for end in ends where end > start {
      sort(start..<end, depth, list)
      start = end
    }
    if !repeats.isEmpty { places.removeAll { $0 == Self.gone } }
    (chunks, sorter) = ([], ChunkSorter())
  }

  /// Whether the texts increase strictly, as of a query with an `order by`.
  private static func isSorted(_ list: TextList, _ places: [UInt32]) -> Bool {
    var index = 1
    while index < places.count {
      guard compare(list, Int(places[index - 1]), list, Int(places[index])) < 0 else {
        return false
      }
      index += 1
    }
    return true
  }

  /// How many bytes all the texts begin with.
  private static func sharedBeginning(_ list: TextList, _ places: [UInt32]) -> Int {
    let bytes = list.bytes.span
    guard let first = places.first else { return 0 }
    var shared = bytes.extracting(list.range(Int(first)))
    for place in places {
      let text = bytes.extracting(list.range(Int(place)))
      shared = shared.extracting(..<shared.shared(with: text))
      if shared.isEmpty { break }
    }
    return shared.count
  }

  /// Puts each text on its pile.
  ///
  /// - Returns: Where each pile ends.
  private static func deal(
    _ list: TextList, _ given: [UInt32], _ depth: Int, to chunks: inout [UInt64],
    _ places: inout [UInt32]
  ) -> [Int] {
    // Where the next text of each pile goes; behind the last one at the end.
    var next = [Int](repeating: 0, count: 1 << 16)
    for place in given { next[Int(chunk(list, Int(place), depth) &>> 48)] &+= 1 }
    var end = 0
    for pile in next.indices { (next[pile], end) = (end, end + next[pile]) }
    var chunks = chunks.mutableSpan
    var places = places.mutableSpan
    for place in given {
      let chunk = chunk(list, Int(place), depth)
      let pile = Int(chunk &>> 48)
      chunks[next[pile]] = chunk
      places[next[pile]] = place
      next[pile] &+= 1
    }
    return next
  }

  /// Sorts texts that are equal up to `depth`, and whose chunks are those behind it.
  private mutating func sort(_ range: Range<Int>, _ depth: Int, _ list: TextList) {
    var work = [(range: range, depth: depth)]
    while let (range, depth) = work.popLast() {
      sorter.sort(&chunks, &places, range)
      var start = range.lowerBound
      while start < range.upperBound {
        let chunk = chunks[start]
        var end = start + 1
        while end < range.upperBound, chunks[end] == chunk { end += 1 }
        if end - start > 1 {
          let longer = settle(start..<end, depth, list)
          if !longer.isEmpty { work.append((longer, depth + 8)) }
        }
        start = end
      }
    }
  }

  /// Orders texts whose chunks are equal: those that end in it by how much of them was left.
  ///
  /// - Returns: Where the texts that go on now stand, with their next chunks.
  private mutating func settle(
    _ range: Range<Int>, _ depth: Int, _ list: TextList
  ) -> Range<Int> {
    var ending: [9 of [UInt32]] = .init(repeating: [])
    var longer: [UInt32] = []
    for place in places[range] {
      let left = list.range(Int(place)).count - depth
      if left > 8 { longer.append(place) } else { ending[left].append(place) }
    }
    var index = range.lowerBound
    for left in ending.indices {
      guard let first = ending[left].first else { continue }
      for place in ending[left] {
        places[index] = place == first ? place : Self.gone
        if place != first { repeats.append((place, first)) }
        index += 1
      }
    }
    let start = index
    for place in longer {
      places[index] = place
      chunks[index] = Self.chunk(list, Int(place), depth + 8)
      index += 1
    }
    return start..<index
  }

  /// The eight bytes of a text behind its first `depth`.
  @inline(__always)
  private static func chunk(_ list: TextList, _ place: Int, _ depth: Int) -> UInt64 {
    let range = list.range(place)
    return chunk(list.bytes.span, range.lowerBound + depth, range.upperBound)
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

  /// Less than zero, zero or more than zero, as the first text is less than, equal to or greater
  /// than the second.
  @inline(__always)
  static func compare(_ a: TextList, _ i: Int, _ b: TextList, _ j: Int) -> Int {
    let left = a.bytes.span.extracting(a.range(i))
    let right = b.bytes.span.extracting(b.range(j))
    let shared = left.shared(with: right)
    if shared == left.count || shared == right.count { return left.count - right.count }
    return Int(left[shared]) - Int(right[shared])
  }
}
