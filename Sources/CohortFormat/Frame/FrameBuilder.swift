package import CohortModel

/// Makes the frames of a log one after another: groups of requests, and seals.
///
/// A value: a copy taken between two frames costs nothing, and assigning it back forgets
/// everything since, as after a write that failed.
///
///     var builder = FrameBuilder(…)
///     builder.begin(time:rawClock:)
///     try builder.append(event, key: key)            once for each event of a request, and
///     try builder.append(event, key: key, …, endsRequest: true)           for the last of it
///     let frame = builder.finish()                                        then frame.bytes
///
/// Events are written where they stay, so a change of 1,000 users costs one copy and its hash.
package struct FrameBuilder: Sendable {
  /// Continues here: where the next frame begins, its first position, the last time and root.
  package private(set) var chain: FrameChain
  package private(set) var tree: MerkleFrontier
  /// Of the request that the next event belongs to.
  package private(set) var request: UInt64
  package let epoch: Epoch
  private let ledger: CRC32C

  /// Whether a frame is being built.
  ///
  /// What follows is of that frame: plain properties, not an optional value of their own, which
  /// Swift would copy out and in at every event.
  package private(set) var isOpen = false
  private var time = Instant(microseconds: 0)
  private var rawClock = Instant(microseconds: 0)
  private var firstRequest: UInt64 = 0
  private var writer: PayloadWriter
  private var leaves: [Digest] = []
  /// Whether the event added last ended its request.
  private var isBetweenRequests = true

  /// Continues the log whose last frame `chain` has accepted.
  ///
  /// - Parameters:
  ///   - ledger: That of the log.
  ///   - epoch: Of this writer.
  ///   - chain: What the next frame continues.
  ///   - tree: The right edge of the tree over all events so far.
  ///   - lastRequest: The number of the last request in the log, 0 if there is none.
  ///   - random: Where the nonces of personal texts come from.
  package init(
    ledger: LedgerID, epoch: Epoch, chain: FrameChain, tree: MerkleFrontier, lastRequest: UInt64,
    random: any RandomBytes
  ) {
    precondition(tree.size == chain.position.rawValue, "the tree has a leaf for every event")
    precondition(tree.root == chain.root, "the tree is that of the last frame")
    if let last = chain.last {
      precondition(
        epoch == last.epoch || epoch.generation > last.epoch.generation,
        "a writer has a generation of its own")
    }
    self.chain = chain
    self.tree = tree
    self.request = lastRequest + 1
    self.epoch = epoch
    self.ledger = ledger.checksum
    writer = PayloadWriter(ledger: ledger.checksum, random: random)
  }

  /// How many events the open frame has.
  package var eventCount: Int { leaves.count }

  /// Of the next event.
  package var nextPosition: Position { chain.position.advanced(by: eventCount + 1) }

  /// What the open frame would take if it ended here, in bytes.
  package var estimatedSize: Int {
    isOpen
      ? (writer.bytes.count + 7) & ~7 + FrameHeader.trailerSize + writer.privateArea.count : 0
  }

  /// Opens a frame.
  ///
  /// - Parameters:
  ///   - time: The time of every event in it. Must be later than that of the last frame.
  ///   - rawClock: What the wall clock says.
  ///   - expectedSize: Room to make at once, in bytes.
  package mutating func begin(time: Instant, rawClock: Instant, expectedSize: Int = 1 << 16) {
    precondition(!isOpen, "a frame is being built")
    precondition(isLater(time), "time strictly increases")
    (self.time, self.rawClock, firstRequest) = (time, rawClock, request)
    isOpen = true
    writer.bytes.reserveCapacity(expectedSize)
    writer.bytes.append(contentsOf: repeatElement(0, count: FrameHeader.size))
  }

  /// Adds an event to the open frame.
  ///
  /// - Parameters:
  ///   - event: Without erased texts.
  ///   - key: Who asked for it.
  ///   - receipt: With the last event of a request that carried an idempotency key.
  ///   - endsRequest: The next event belongs to another request.
  /// - Returns: The position of the event.
  /// - Throws: ``FrameFull`` if the frame would be larger than 16 MiB. Then nothing has changed:
  ///   roll back to the mark before the request, and let it begin the next frame.
  /// - Complexity: O(n) in the size of the event: one copy and one hash. A text costs another two.
  @discardableResult
  package mutating func append(
    _ event: Event, key: KeyID, receipt: Receipt? = nil, endsRequest: Bool
  ) throws(FrameFull) -> Position {
    precondition(isOpen, "no frame is being built")
    let mark = mark
    let position = nextPosition
    write(event, key: key, receipt: receipt, endsRequest: endsRequest)
    let size = estimatedSize
    guard size <= FrameHeader.frameSizeMax else {
      rollBack(to: mark)
      throw FrameFull(size: size)
    }
    let range = mark.publicSize..<writer.bytes.count
    let leaf = EventLeaf.hash(position, time, writer.bytes.span.extracting(range))
    leaves.append(leaf)
    if endsRequest { request += 1 }
    isBetweenRequests = endsRequest
    return position
  }

  @inline(__always)
  private mutating func write(_ event: Event, key: KeyID, receipt: Receipt?, endsRequest: Bool) {
    var flags: UInt8 = endsRequest ? EventHead.endsRequestFlag : 0
    if receipt != nil { flags |= EventHead.receiptFlag }
    writer.byte(EventKind(of: event).rawValue)
    writer.byte(EventKind.version)
    writer.byte(flags)
    writer.varint(request)
    writer.id(key)
    writer.measured(expecting: event.expectedPayloadSize) { event.encodePayload(to: &$0) }
    if let receipt { writer.measured(expecting: 127) { receipt.encode(to: &$0) } }
  }

  /// A place in the open frame.
  package struct Mark: Hashable, Sendable {
    fileprivate let eventCount, publicSize, privateSize: Int
    fileprivate let request: UInt64
    fileprivate let isBetweenRequests: Bool
  }

  package var mark: Mark {
    Mark(
      eventCount: leaves.count, publicSize: writer.bytes.count,
      privateSize: writer.privateArea.count, request: request,
      isBetweenRequests: isBetweenRequests)
  }

  /// Forgets what was appended since `mark`, which was taken of the same open frame.
  package mutating func rollBack(to mark: Mark) {
    request = mark.request
    isBetweenRequests = mark.isBetweenRequests
    leaves.removeLast(leaves.count - mark.eventCount)
    writer.bytes.removeLast(writer.bytes.count - mark.publicSize)
    writer.privateArea.removeLast(writer.privateArea.count - mark.privateSize)
  }

  /// Forgets the open frame.
  package mutating func abandon() {
    if isOpen { request = firstRequest }
    close()
  }

  private mutating func close() {
    isOpen = false
    isBetweenRequests = true
    leaves = []
    writer.bytes = []
    writer.privateArea = []
  }

  /// Ends the open frame, which must hold whole requests, at least one.
  ///
  /// - Complexity: O(n) in its size: one checksum, a hash for each event, a copy of the texts.
  package mutating func finish() -> EncodedFrame {
    precondition(isOpen, "no frame is being built")
    precondition(!leaves.isEmpty, "a frame without events is a seal")
    precondition(isBetweenRequests, "a frame holds whole requests")
    let header = FrameHeader(
      kind: .events, publicLength: writer.bytes.count - FrameHeader.size,
      privateLength: writer.privateArea.count, fileOffset: chain.next,
      firstPosition: chain.position.advanced(by: 1), eventCount: leaves.count,
      time: time, rawClock: rawClock, epoch: epoch, rootBefore: chain.root)
    let growth = tree.grow(by: leaves)
    let root = tree.root
    writer.bytes.close(header, root: root, ledger: ledger)
    writer.bytes.append(contentsOf: writer.privateArea)
    defer { close() }
    chain = FrameChain(after: header, root: root)
    return EncodedFrame(
      header: header, bytes: writer.bytes, root: root, growth: growth, leaves: leaves)
  }

  /// Makes a seal: an empty frame at the next multiple of 4,096.
  ///
  /// What lies between the last frame and the seal must be zeros, and is not part of its bytes.
  package mutating func seal(time: Instant, rawClock: Instant) -> EncodedFrame {
    precondition(!isOpen, "a frame is being built")
    precondition(isLater(time), "time strictly increases")
    let header = FrameHeader(
      kind: .seal, publicLength: 0, privateLength: 0, fileOffset: chain.sealOffset,
      firstPosition: chain.position.advanced(by: 1), eventCount: 0, time: time,
      rawClock: rawClock, epoch: epoch, rootBefore: chain.root)
    var bytes = [UInt8](repeating: 0, count: FrameHeader.size)
    bytes.close(header, root: chain.root, ledger: ledger)
    chain = FrameChain(after: header, root: chain.root)
    return EncodedFrame(
      header: header, bytes: bytes, root: chain.root, growth: tree.grow(by: []), leaves: [])
  }

  private func isLater(_ time: Instant) -> Bool {
    guard let last = chain.last else { return true }
    return time > last.time
  }
}
