import CohortFormat

/// How many written zeros lie ahead of the tail, all in bytes.
///
///     ├── frames ──┤ tail          minimum             maximum
///     ├────────────┼───────────────┼───────────────────┤
///                  │ ballast │ room for the next frame  │
///                  ╰──── zeros that were written once ──╯
///
/// Zeros that were written have their blocks, so that overwriting them cannot fail for want of
/// space: a full disk is met while extending them, before anything is decided. They are never
/// allocated without writing, for the file system may still run out while it converts such blocks.
/// Large extensions would stall a sync, so they grow a little with each frame.
package struct SpacePolicy: Hashable, Sendable {
  /// Always kept for what must succeed on a full disk: seals, erasures, the marks of both.
  package var ballast = 1 << 20
  /// Aimed at when the log is opened and while nothing is written.
  package var minimum = 4 << 20
  /// Grown to while frames are written.
  package var maximum = 8 << 20
  /// The most that is written at a time beyond what a frame has taken.
  package var step = 256 << 10

  package init() {}

  /// Where the zeros end at most, so that all that a crash can leave behind the last durable byte
  /// is within one maximal frame of it: more than that is taken for damage.
  package func limit(durableEnd: Int) -> Int { durableEnd + FrameHeader.frameSizeMax }

  /// Where the zeros should end after a frame has moved the tail.
  ///
  /// A file that grows makes its sync dearer, so small frames use up a step before they extend.
  ///
  /// - Parameters:
  ///   - tail: Behind the frame that is being written.
  ///   - zerosEnd: Where they end now; not before the tail.
  ///   - frameSize: How much the frame has taken.
  ///   - durableEnd: Behind the frame before it.
  /// - Returns: Not before `zerosEnd`.
  package func growth(tail: Int, zerosEnd: Int, frameSize: Int, durableEnd: Int) -> Int {
    if zerosEnd - tail > maximum - step { return zerosEnd }
    let wanted = min(zerosEnd + frameSize + step, tail + maximum)
    return max(zerosEnd, min(wanted, limit(durableEnd: durableEnd)))
  }
}

/// Who asks for space.
package enum SpacePurpose: Hashable, Sendable {
  /// A request: the ballast stays.
  case request
  /// A seal, an erasure, a mark that one is finished: may use the ballast.
  case housekeeping
}
