package import CohortFormat
package import CohortModel

/// Reads the durable part of a log while it is being written, from any thread.
///
/// A value: copies share the open file, which stays open until the last of them is gone. Every read
/// checks what it reads. Rot gives an error that names the place; other places stay readable.
package struct LogReader: Sendable {
  package let header: FileHeader
  private let disk: any Disk
  private let file: OwnedFile
  private let published: PublishedLog
  private let options: LogOptions

  init(
    header: FileHeader, disk: any Disk, file: OwnedFile, published: PublishedLog,
    options: LogOptions
  ) {
    self.header = header
    self.disk = disk
    self.file = file
    self.published = published
    self.options = options
  }

  package var ledger: LedgerID { header.ledger }

  /// Behind the last durable frame: position, time, root and length of the log.
  package var chain: FrameChain { published.chain }

  /// To be kept in a snapshot; see ``StartingPoint``.
  package var index: LogIndex { published.index { copy $0 } }

  /// Reads the frame that holds the event at `position`.
  ///
  /// - Throws: ``LogError/beyondEnd(_:end:)``, ``LogError/damaged(_:)``, ``LogError/disk(_:)``.
  /// - Complexity: A walk over the headers in 64 KiB of log, then one read of the frame.
  package func frame(containing position: Position) throws(LogError) -> StoredFrame {
    let chain = chain
    guard position > .origin, position <= chain.position else {
      throw .beyondEnd(position, end: chain.position)
    }
    let header = try header(containing: position, before: chain)
    return try frame(header)
  }

  /// The last position that is not later than `time`.
  ///
  /// - Complexity: As ``frame(containing:)``, without reading the frame.
  package func position(at time: Instant) throws(LogError) -> Position {
    let chain = chain
    guard let last = chain.last, time < last.time else { return chain.position }
    let start = published.index { $0.entry(before: time)?.offset }
    guard let start else { return .origin }
    var walk = HeaderWalk(self, from: start, before: chain)
    var found = Position.origin
    while let header = try walk.next(), header.time <= time { found = header.lastPosition }
    return found
  }

  /// The last event of those frames that end at or before `offset`, in bytes of the log.
  ///
  /// - Complexity: A walk over the headers in 64 KiB of log.
  package func position(before offset: UInt64) throws(LogError) -> Position {
    let chain = chain
    guard offset < chain.end else { return chain.position }
    guard let start = published.index({ $0.entry(notBehind: offset) }) else { return .origin }
    var found = Position(start.first.rawValue - 1)
    var walk = HeaderWalk(self, from: start.offset, before: chain)
    while let header = try walk.next(), header.fileEnd <= offset { found = header.lastPosition }
    return found
  }

  /// Calls `body` with the frames of events that hold the positions of `range`, in order, until it
  /// returns `false`.
  ///
  /// The first and the last frame may hold other events too. What is behind the end is left out.
  ///
  /// - Parameters:
  ///   - range: Of positions.
  ///   - readSize: How much is read at once, in bytes: little if `body` will soon have enough.
  ///   - body: Is handed each frame.
  /// - Throws: ``LogError/damaged(_:)`` at the first frame that cannot be read; the frames before
  ///   it have been handed over, and reading can go on behind ``Damage/next``.
  /// - Complexity: One pass of large reads, one checksum.
  package func forEachFrame(
    _ range: ClosedRange<Position>, readSize: Int? = nil,
    _ body: (FrameExtent, Span<UInt8>) throws(LogError) -> Bool
  ) throws(LogError) {
    let chain = chain
    let first = max(range.lowerBound, Position(1))
    guard first <= min(chain.position, range.upperBound) else { return }
    var previous = try header(containing: first, before: chain)
    let behind = published.index { $0.entry(from: range.upperBound)?.offset }
    let end = min(behind ?? chain.end, chain.end)
    var window = window(before: end, readSize: readSize)
    var offset = previous.fileOffset
    while offset < end {
      let frame = try read(at: offset, &window, after: previous)
      guard let frame else {
        offset = HeaderWalk.page(behind: offset)
        continue
      }
      previous = frame.header
      offset = frame.header.nextOffset
      if frame.header.kind == .seal { continue }
      if frame.header.firstPosition > range.upperBound { return }
      guard try body(frame, window.bytes.span) else { return }
    }
  }

  /// Reads bytes of the log as they are, for backups and replicas, who check them themselves.
  ///
  /// - Parameter range: In bytes from the start of the log.
  /// - Returns: The bytes; what is not durable is left out.
  /// - Throws: ``LogError/disk(_:)``, or ``LogError/damaged(_:)`` if the file has become shorter.
  package func bytes(in range: Range<UInt64>) throws(LogError) -> [UInt8] {
    let end = chain.end
    let range = range.clamped(to: 0..<end)
    let bytes: [UInt8]
    do throws(DiskError) {
      bytes = try disk.read(file.descriptor, at: Int(range.lowerBound), count: range.count)
    } catch { throw .disk(error) }
    if bytes.count < range.count {
      throw damage(at: range.lowerBound + UInt64(bytes.count), after: nil, nil)
    }
    return bytes
  }
}

/// A frame with its bytes, read from the log and checked.
package struct StoredFrame: Hashable, Sendable {
  /// Where its parts lie in ``bytes``.
  package let extent: FrameExtent
  package let bytes: [UInt8]

  package var header: FrameHeader { extent.header }
}

extension LogReader {
  /// Reads the whole frame of a header that was read before.
  package func frame(_ header: FrameHeader) throws(LogError) -> StoredFrame {
    let bytes: [UInt8]
    do throws(DiskError) {
      bytes = try disk.read(file.descriptor, at: Int(header.fileOffset), count: header.size)
    } catch { throw .disk(error) }
    switch FrameScan.read(bytes.span, at: 0, base: header.fileOffset, ledger: ledger) {
    case .frame(let extent): return StoredFrame(extent: extent, bytes: bytes)
    case .invalid(let fault): throw damage(at: header.fileOffset, before: header, fault)
    case .zeros: throw damage(at: header.fileOffset, before: header, nil)
    }
  }

  func window(before limit: UInt64, readSize: Int? = nil) -> LogWindow {
    LogWindow(
      file.descriptor, on: disk, limit: Int(limit), readSize: readSize ?? options.readSize)
  }

  /// What is known about a place that cannot be read, behind the frame `last`.
  func damage(
    at offset: UInt64, after last: FrameHeader?, _ fault: FrameFault?
  ) -> LogError {
    .damaged(
      Damage(
        offset: offset, after: last?.lastPosition ?? .origin, timeAfter: last?.time,
        next: next(behind: offset), fault: fault))
  }

  private func damage(
    at offset: UInt64, before header: FrameHeader, _ fault: FrameFault?
  ) -> LogError {
    .damaged(
      Damage(
        offset: offset, after: Position(header.firstPosition.rawValue - 1), timeAfter: nil,
        next: next(behind: offset), fault: fault))
  }

  /// The header of the next frame in the index.
  private func next(behind offset: UInt64) -> FrameHeader? {
    guard let entry = published.index({ $0.entry(behind: offset) }),
      let bytes = try? disk.read(
        file.descriptor, at: Int(entry.offset), count: FrameHeader.size),
      case .frame(let frame) = FrameScan.header(
        bytes.span, at: 0, base: entry.offset, ledger: ledger)
    else { return nil }
    return frame.header
  }

  private func header(
    containing position: Position, before chain: FrameChain
  ) throws(LogError) -> FrameHeader {
    let start = published.index { $0.entry(before: position)?.offset }
    var walk = HeaderWalk(self, from: start ?? UInt64(FileHeader.size), before: chain)
    while let header = try walk.next() {
      if header.kind == .events, header.lastPosition >= position {
        guard header.firstPosition <= position else { break }
        return header
      }
    }
    throw damage(at: walk.offset, after: walk.last, nil)
  }

  /// Reads the frame at `offset`, or `nil` if there are zeros up to the place of a seal.
  private func read(
    at offset: UInt64, _ window: inout LogWindow, after last: FrameHeader
  ) throws(LogError) -> FrameExtent? {
    var found: FrameRead
    do throws(DiskError) {
      try window.load(Int(offset), count: 2 * Int(FrameHeader.pageSize))
      found = FrameScan.header(
        window.bytes.span, at: window.index(Int(offset)), base: UInt64(window.base),
        ledger: ledger)
      if case .frame(let frame) = found {
        try window.load(Int(offset), count: frame.header.size)
        found = FrameScan.read(
          window.bytes.span, at: window.index(Int(offset)), base: UInt64(window.base),
          ledger: ledger)
      }
    } catch { throw .disk(error) }
    switch found {
    case .zeros:
      guard HeaderWalk.page(behind: offset) < chain.end else {
        throw damage(at: offset, after: last, nil)
      }
      return nil
    case .invalid(let fault): throw damage(at: offset, after: last, fault)
    case .frame(let frame):
      let next = last.fileOffset == offset ? last.firstPosition : last.lastPosition.advanced(by: 1)
      guard frame.header.firstPosition == next else {
        throw damage(
          at: offset, after: last,
          .position(at: offset, frame.header.firstPosition, expected: next))
      }
      return frame
    }
  }
}

/// Steps over headers, without reading what is between them.
struct HeaderWalk: ~Copyable {
  private let reader: LogReader
  private var window: LogWindow
  private let end: UInt64
  /// Where the next header is looked for.
  private(set) var offset: UInt64
  private(set) var last: FrameHeader?

  init(_ reader: LogReader, from offset: UInt64, before chain: FrameChain) {
    self.reader = reader
    self.offset = offset
    end = chain.end
    window = reader.window(before: chain.end, readSize: 64 << 10)
  }

  /// - Returns: `nil` at the end of what is durable.
  mutating func next() throws(LogError) -> FrameHeader? {
    while offset < end {
      do throws(DiskError) {
        try window.load(Int(offset), count: 2 * Int(FrameHeader.pageSize))
      } catch { throw .disk(error) }
      let found = FrameScan.header(
        window.bytes.span, at: window.index(Int(offset)), base: UInt64(window.base),
        ledger: reader.ledger)
      switch found {
      case .invalid(let fault): throw reader.damage(at: offset, after: last, fault)
      case .zeros: offset = HeaderWalk.page(behind: offset)
      case .frame(let frame):
        last = frame.header
        offset = frame.header.nextOffset
        return frame.header
      }
    }
    return nil
  }

  /// Where a seal begins if there are zeros at `offset`.
  static func page(behind offset: UInt64) -> UInt64 {
    (offset / FrameHeader.pageSize + 1) * FrameHeader.pageSize
  }
}
