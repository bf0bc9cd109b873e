import CohortFormat
import CohortModel

/// The steps of a start between reading the header and being ready.
struct Recovery: ~Copyable {
  private let file: Descriptor
  private let folder: StorageFolder
  private let disk: any Disk
  private let ledger: LedgerID
  private let options: LogOptions

  /// Behind the last frame that is believed.
  private(set) var chain = FrameChain()
  private(set) var index: LogIndex
  /// Why no frame follows; `nil` if there are only zeros.
  private(set) var fault: FrameFault?
  private(set) var tail: TailSearch
  /// What lies before this was durable before this start, as a replica takes note of.
  var durableEnd: UInt64 = 0
  /// Whether nothing behind the last frame proves that it was durable before this start.
  private(set) var isUnproven = false

  init(
    file: Descriptor, folder: StorageFolder, disk: any Disk, ledger: LedgerID, options: LogOptions
  ) {
    self.file = file
    self.folder = folder
    self.disk = disk
    self.ledger = ledger
    self.options = options
    index = LogIndex(spacing: options.indexSpacing)
    tail = TailSearch()
  }

  mutating func begin(behind chain: FrameChain, index: LogIndex) {
    self.chain = chain
    self.index = index
    self.index.cut(at: chain.end)
  }

  /// Walks to the last frame that can be believed, and finds out what is behind it.
  ///
  /// - Parameters:
  ///   - isLocked: Whether nobody else can be writing. If somebody can, a frame is believed only
  ///   when
  ///     another one or a seal stands behind it.
  ///   - visit: Is handed every frame that is believed, in order.
  /// - Throws: What the disk or `visit` threw.
  mutating func scan(isLocked: Bool, visit: FrameVisitor) throws {
    var before: FrameChain
    repeat {
      before = chain
      let isRejected = try walk(isLocked: isLocked, visit: visit)
      tail = try TailSearch(
        file, on: disk, behind: chain, isRejected: isRejected, of: ledger,
        readSize: options.readSize)
      if let moved = tail.moved { fault = moved }
      // What looked damaged may have been a frame on its way: then there are more by now.
    } while !isLocked && tail.isDamaged && chain != before
  }

  /// - Returns: Whether the walk ended at a whole frame that is not believed.
  private mutating func walk(isLocked: Bool, visit: FrameVisitor) throws -> Bool {
    let window = LogWindow(file, on: disk, readSize: options.readSize)
    var scan = LogScan(window, from: chain, of: ledger)
    isUnproven = chain.last != nil && !chain.isSealed
    defer { chain = scan.chain }
    while true {
      switch try scan.next() {
      case .end(let found):
        fault = found
        return false
      case .frame(let frame):
        isUnproven = frame.header.kind == .events && !scan.isFollowed
        if isUnproven,
          !isLocked
            || frame.header.fileEnd > durableEnd
              && !PrivateAreaCheck.isSound(frame, scan.window.bytes.span, of: ledger)
        {
          scan.stepBack()
          isUnproven = false
          fault = nil
          return true
        }
        try visit(frame, scan.window.bytes.span)
        index.add(frame.header)
      }
    }
  }

  /// Keeps a copy of a torn tail and cuts it off, durably.
  ///
  /// The page of the last frame stays as it is, unless there is something in the gap behind it.
  func cut(_ range: Range<Int>) throws(DiskError) {
    let bytes = try disk.read(file, at: range.lowerBound, count: range.count)
    try folder.keep(bytes, at: UInt64(range.lowerBound), on: disk)
    try disk.truncate(file, to: range.lowerBound)
    try disk.sync(file)
  }

  /// Keeps a copy of the last frame, which nothing proves and which is about to be written again,
  /// durably.
  ///
  /// If a disk spoils what it overwrites, the next start finds the copy where the frame should be,
  /// and tells of it as of any torn tail. On a full disk there is none: a start must succeed there.
  func keepLastFrame() throws(DiskError) {
    guard let (bytes, offset) = try lastFrame() else { return }
    do {
      try folder.keep(bytes, at: offset, on: disk)
    } catch {
      guard error.isOutOfSpace else { throw error }
    }
  }

  /// Writes the end of the log again as it was read, and syncs it: an unproven last frame byte by
  /// byte, and zeros where the next one will begin.
  ///
  /// A process whose sync failed may have left pages that the kernel takes for clean, though the
  /// disk has something else there; a sync alone would not write them. It may have left the last
  /// frame in memory only. And it may have left a frame on the disk only, under the zeros with
  /// which it took that frame back: without its header nothing of that can ever be read as a frame.
  func rewriteEnd() throws(DiskError) {
    let unproven = isUnproven ? try lastFrame() : nil
    if let (bytes, offset) = unproven, let last = chain.last {
      try disk.write(bytes, to: file, at: Int(offset))
      try disk.writeZeros(to: file, in: Int(last.fileEnd)..<Int(last.pageEnd))
    }
    let (next, end) = (Int(chain.next), try disk.size(of: file))
    // Not beyond the end of the file: a power failure could leave garbage there.
    if next < end {
      do {
        try disk.writeZeros(to: file, in: next..<min(Int(chain.pageEndBehindNext), end))
      } catch {
        // Where a frame could be hidden there is a block to write to.
        guard error.isOutOfSpace else { throw error }
      }
    }
    try disk.sync(file)
    // What is durable in its place needs no copy.
    if let (bytes, offset) = unproven {
      try? disk.unlink(folder.file(TornTail(bytes.span, at: offset).name))
    }
  }

  private func lastFrame() throws(DiskError) -> (bytes: [UInt8], offset: UInt64)? {
    guard let last = chain.last else { return nil }
    let bytes = try disk.read(file, at: Int(last.fileOffset), count: last.size)
    return (bytes, last.fileOffset)
  }

  /// Cuts off holes, and more zeros than are needed.
  ///
  /// - Returns: Where the zeros end that were written once and so have their blocks.
  func trimZeros() throws(DiskError) -> Int {
    let end = Int(chain.next)
    let size = try disk.size(of: file)
    guard size > end else { return end }
    var zerosEnd = end
    if let written = try disk.writtenRange(of: file, from: end), written.lowerBound == end {
      zerosEnd = min(written.upperBound, end + options.space.maximum)
    }
    if size > zerosEnd {
      try disk.truncate(file, to: zerosEnd)
      try disk.sync(file)
    }
    return zerosEnd
  }
}

extension FrameChain {
  /// The end of the page in which the next frame of events begins.
  fileprivate var pageEndBehindNext: UInt64 {
    (next / FrameHeader.pageSize + 1) * FrameHeader.pageSize
  }
}
