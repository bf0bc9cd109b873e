/// Asks for the memory at addresses that are about to be read, for which Swift has no word.
///
/// It reads nothing and cannot fail, whatever the addresses are. Whoever has the instruction of
/// the processor lends it; without it all the same is found, with more waiting.
public typealias Prefetch = @Sendable (_ addresses: Span<UInt>) -> Void

/// Addresses on their way to a `Prefetch`, a run at a time.
///
/// In runs, because a call is not free; in short ones, so that the first are under way while the
/// next are worked out.
struct PrefetchQueue: ~Copyable {
  private var addresses = InlineArray<32, UInt>(repeating: 0)
  private var count = 0
  private let prefetch: Prefetch?

  init(_ prefetch: Prefetch?) { self.prefetch = prefetch }

  @inline(__always) mutating func add(_ address: UInt) {
    addresses[count] = address
    count &+= 1
    if count == addresses.count { flush() }
  }

  /// Asks for what is left.
  @inline(never) mutating func flush() {
    prefetch?(addresses.span.extracting(0..<count))
    count = 0
  }
}
