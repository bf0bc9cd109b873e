/// Sorts numbers, and with each the place that stands beside it; equal ones stay in their order.
///
/// A radix sort, byte by byte from the last one, of those bytes alone that are not the same in all:
/// how many go where is counted first, so nothing is compared. It takes memory as large as what is
/// sorted, and uses it again.
struct ChunkSorter {
  private var otherChunks: [UInt64] = []
  private var otherPlaces: [UInt32] = []

  /// Up to so many are put one after the other where they belong.
  private static let few = 32

  /// Sorts a part of two arrays that belong together.
  mutating func sort(_ chunks: inout [UInt64], _ places: inout [UInt32], _ range: Range<Int>) {
    guard range.count > Self.few else { return Self.insert(&chunks, &places, range) }
    var differing: UInt64 = 0
    let first = chunks[range.lowerBound]
    for index in range { differing |= chunks[index] ^ first }
    guard differing != 0 else { return }
    if otherChunks.count < range.count {
      otherChunks = Array(repeating: 0, count: range.count)
      otherPlaces = Array(repeating: 0, count: range.count)
    }
    let otherRange = 0..<range.count
    var isInOther = false
    for shift in stride(from: UInt64(0), to: 64, by: 8) where differing >> shift & 0xFF != 0 {
      if isInOther {
        Self.deal(otherChunks, otherPlaces, otherRange, to: &chunks, &places, range, by: shift)
      } else {
        Self.deal(chunks, places, range, to: &otherChunks, &otherPlaces, otherRange, by: shift)
      }
      isInOther.toggle()
    }
    guard isInOther else { return }
    chunks.replaceSubrange(range, with: otherChunks[otherRange])
    places.replaceSubrange(range, with: otherPlaces[otherRange])
  }

  /// Puts all in the order of one byte, from one pair of arrays into another.
  private static func deal(
    _ chunks: borrowing [UInt64], _ places: borrowing [UInt32], _ range: Range<Int>,
    to targetChunks: inout [UInt64], _ targetPlaces: inout [UInt32], _ target: Range<Int>,
    by shift: UInt64
  ) {
    let (chunks, places) = (chunks.span, places.span)
    var next = InlineArray<256, Int>(repeating: 0)
    for index in range { next[Int(chunks[index] &>> shift & 0xFF)] &+= 1 }
    var end = target.lowerBound
    for byte in 0..<256 { (next[byte], end) = (end, end + next[byte]) }
    var targetChunks = targetChunks.mutableSpan
    var targetPlaces = targetPlaces.mutableSpan
    for index in range {
      let byte = Int(chunks[index] &>> shift & 0xFF)
      targetChunks[next[byte]] = chunks[index]
      targetPlaces[next[byte]] = places[index]
      next[byte] &+= 1
    }
  }

  private static func insert(
    _ chunks: inout [UInt64], _ places: inout [UInt32], _ range: Range<Int>
  ) {
    var chunks = chunks.mutableSpan
    var places = places.mutableSpan
    for index in range.dropFirst() {
      let (chunk, place) = (chunks[index], places[index])
      var hole = index
      while hole > range.lowerBound, chunks[hole - 1] > chunk {
        chunks[hole] = chunks[hole - 1]
        places[hole] = places[hole - 1]
        hole -= 1
      }
      chunks[hole] = chunk
      places[hole] = place
    }
  }
}
