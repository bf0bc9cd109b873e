import CPlatform
import CohortWire

extension TextList {
  /// The texts at some different places, in the order of these.
  ///
  /// Whoever walks over millions of texts walks then through memory. The way to a text that lies
  /// somewhere takes longer than all else about it, so that of a whole block of them is asked for
  /// before the first is copied.
  func gathered(_ places: [UInt32]) -> TextList {
    var list = TextList()
    list.reserve(texts: places.count, bytes: bytes.count)
    let (ends, bytes) = (self.ends, self.bytes)
    var ahead = Ahead()
    var start = 0
    while start < places.count {
      let block = start..<min(start + Ahead.count, places.count)
      ahead.ask(for: block) { ends.address &+ UInt(places[$0]) &* 4 }
      ahead.ask(for: block) { bytes.address &+ UInt(range(Int(places[$0])).lowerBound) }
      for index in block { list.append(bytes.span.extracting(range(Int(places[index])))) }
      start = block.upperBound
    }
    return list
  }
}

/// Asks the processor for memory that is read soon.
///
/// Nothing is read, so any address will do.
private struct Ahead {
  static let count = 64
  private var addresses = InlineArray<64, UInt>(repeating: 0)

  /// Asks for what `address` says for each index of a block of at most ``count``.
  @inline(__always)
  mutating func ask(for block: Range<Int>, _ address: (Int) -> UInt) {
    for index in block { addresses[index &- block.lowerBound] = address(index) }
    unsafe addresses.span.withUnsafeBufferPointer { buffer in
      unsafe platform_prefetch(buffer.baseAddress, block.count)
    }
  }
}

extension Array {
  /// Where the elements lie.
  @inline(__always)
  fileprivate var address: UInt {
    unsafe withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
  }
}
