/// What a run is going to tell the destination, and what the state is afterwards.
///
/// Invariant: `removals` are ranks of `old` and `additions` ranks of `new`, both increasing, so one
/// walk over the two lists meets them in their order.
package struct Plan: Sendable {
  package let old: Known
  package let new: Identifiers
  package private(set) var removals: [UInt32] = []
  package private(set) var additions: [UInt32] = []
  package private(set) var entered = 0
  package private(set) var left = 0
  package private(set) var unchanged = 0

  /// Compares what is known with the model.
  ///
  /// - Parameters:
  ///   - old: What the destination was told.
  ///   - new: The identifiers of the model.
  ///   - resendsAll: Whether what did not change is told again too.
  ///   - removes: Whether an identifier of `old` that the model does not have is to be removed.
  package init(
    from old: Known, to new: Identifiers, resendsAll: Bool = false, removes: (Int) -> Bool
  ) {
    (self.old, self.new) = (old, new)
    Difference.walk(from: old.identifiers, to: new) { step in
      switch step {
      case .entered(let rank):
        entered += 1
        additions.append(UInt32(rank))
      case .left(let rank):
        left += 1
        if removes(rank) { removals.append(UInt32(rank)) }
      case .unchanged(let oldRank, let newRank):
        unchanged += 1
        if resendsAll || old.standings[oldRank] != .member { additions.append(UInt32(newRank)) }
      }
    }
  }

  /// Compares a state with the model: what the destination holds of it is removed.
  package init(
    from old: Known, to new: Identifiers, resendsAll: Bool = false, removesRows: Bool
  ) {
    self.init(from: old, to: new, resendsAll: resendsAll) { rank in
      removesRows && (old.standings[rank] == .member || old.standings[rank] == .unsure)
    }
  }

  /// Whether the destination is to be told nothing.
  package var isEmpty: Bool { removals.isEmpty && additions.isEmpty }

  /// Whether the state stays as it is, whatever becomes of a parcel with nothing in it.
  package var keepsState: Bool { isEmpty && entered == 0 && left == 0 }

  package var removed: ChosenIdentifiers { ChosenIdentifiers(old.identifiers, ranks: removals) }
  package var added: ChosenIdentifiers { ChosenIdentifiers(new, ranks: additions) }

  /// Calls `body` for every identifier of the state that follows, in its order.
  ///
  /// - Parameters:
  ///   - delivered: What became of the plan; `nil` before anything is sent.
  ///   - body: Takes identifier, primary key and standing.
  /// - Throws: What `body` throws.
  package func state<Failure: Error>(
    after delivered: Delivered?,
    _ body: (Span<UInt8>, Span<UInt8>, Standing) throws(Failure) -> Void
  ) throws(Failure) {
    var (removal, addition) = (0, 0)
    try Difference.walk(from: old.identifiers, to: new) { step throws(Failure) in
      switch step {
      case .left(let rank):
        guard removal < removals.count, Int(removals[removal]) == rank else { return }
        let fate = delivered?.removals[removal] ?? .unsure
        removal += 1
        guard let standing = Standing.after(removal: fate, before: old.standings[rank]) else {
          return
        }
        try old.identifiers.tell(rank, standing, body)
      case .entered(let rank):
        let fate = delivered?.additions[addition] ?? .unsure
        addition += 1
        guard let standing = Standing.after(addition: fate, before: nil) else { return }
        try new.tell(rank, standing, body)
      case .unchanged(let oldRank, let newRank):
        var standing = old.standings[oldRank]
        if addition < additions.count, Int(additions[addition]) == newRank {
          let fate = delivered?.additions[addition] ?? .unsure
          addition += 1
          standing = Standing.after(addition: fate, before: standing) ?? standing
        }
        try new.tell(newRank, standing, body)
      }
    }
  }
}

extension Identifiers {
  /// Calls `body` for the identifier of a rank, the key of its row, and how it stands.
  @inline(__always)
  fileprivate func tell<Failure: Error>(
    _ rank: Int, _ standing: Standing,
    _ body: (Span<UInt8>, Span<UInt8>, Standing) throws(Failure) -> Void
  ) throws(Failure) {
    try body(
      texts.bytes.span.extracting(texts.range(rank)), keys.bytes.span.extracting(keys.range(rank)),
      standing)
  }
}
