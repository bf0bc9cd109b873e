package import CohortFormat
package import CohortLog
package import CohortModel

/// A whole log, as bytes to be cut, bent and put together anew.
package struct SampleLog: Sendable {
  /// Up to where the next frame would begin.
  package let bytes: [UInt8]
  /// Events and seals, in order.
  package let frames: [EncodedFrame]
  package let ledger: LedgerID
  private let disk: SimulatedDisk

  /// - Parameters:
  ///   - sizes: What each frame of events holds in addition, in bytes.
  ///   - seals: The frames behind which there is a seal.
  ///   - seed: Of the ledger id and the nonces.
  /// - Throws: Nothing on a sound disk.
  package init(
    sizes: [Int] = [0, 300, 0, 900, 100], seals: Set<Int> = [], seed: UInt64 = 1
  ) throws(LogError) {
    let disk = SimulatedDisk(seed: seed)
    var test = try TestLog(on: disk, seed: seed)
    var frames: [EncodedFrame] = []
    for (number, size) in sizes.enumerated() {
      frames.append(try test.append(sampleEvents(number, size: size)))
      if seals.contains(number) { frames.append(try test.seal()) }
    }
    try test.log.close()
    self.disk = disk
    self.frames = frames
    ledger = test.log.ledger
    bytes = Array((disk.contents(of: TestLog.path) ?? []).prefix(Int(test.log.chain.next)))
  }

  /// A disk that has `bytes` as its log, and nothing else.
  package func disk(with bytes: [UInt8]) throws -> SimulatedDisk {
    let copy = disk.copy()
    try copy.place(bytes, at: TestLog.path)
    return copy
  }

  /// Opens a log of these bytes to write.
  package func open(_ bytes: [UInt8]) throws -> TestLog {
    try TestLog(on: disk(with: bytes), for: .write, seed: 99)
  }

  /// The leaves of the first so many frames.
  package func leaves(_ count: Int) -> [Digest] { frames.prefix(count).flatMap(\.leaves) }

  /// The leaves of all frames that end at or before `offset`.
  package func leaves(before offset: Int) -> [Digest] {
    frames.filter { Int($0.fileEnd) <= offset }.flatMap(\.leaves)
  }

  /// The number of the frame that `offset` lies in or before.
  package func frame(at offset: Int) -> Int? {
    frames.firstIndex { offset < Int($0.fileEnd) }
  }

  /// Where the frame lies in the file.
  package func range(_ number: Int) -> Range<Int> {
    Int(frames[number].fileOffset)..<Int(frames[number].fileEnd)
  }
}
