public import CohortModel

/// Somebody who waits for something to become durable; whoever lets go of it waits no more.
public final class Watch: Sendable {
  private let watchers: Watchers
  private let number: UInt64

  init(_ watchers: Watchers, _ number: UInt64) {
    self.watchers = watchers
    self.number = number
  }

  deinit { watchers.remove(number) }
}

extension Ledger {
  /// Calls `wake` once, as soon as there is a durable event behind `position`.
  ///
  /// This is how to follow a ledger: read what is there, then watch from the last position read; an
  /// event that became durable in between wakes at once.
  ///
  ///     var position = checkpoint
  ///     for event in try ledger.now.events(after: position) { … }
  ///     watch = ledger.watch(behind: position) { … }     come back and read again
  ///
  /// It is woken too when nothing more will come: then ``watch(behind:_:)`` returns `nil`.
  ///
  /// - Parameters:
  ///   - position: The last event that is known.
  ///   - wake: Called once, on a thread of the ledger or, if there is something already, on the
  ///     calling one: be quick. Many commits can be one call, and all who wait share a thread.
  /// - Returns: To be kept as long as somebody waits; `nil` if the ledger was closed.
  public func watch(
    behind position: Position, _ wake: @escaping @Sendable () -> Void
  ) -> Watch? {
    watchers.add(behind: position, wake).map { Watch(watchers, $0) }
  }

  /// Wakes everyone who watches, and lets nobody watch any more.
  ///
  /// For a server that goes down: feeds end instead of waiting. Reading and writing go on.
  public func endWatching() { watchers.finish() }
}

extension Ledger {
  /// The last event that says that this log was restored from an earlier state.
  package var lastRestored: Position? { disk.durable.core.restorations.last }

  /// The last event behind which bytes in the midst of the log are others than before: texts were
  /// zeroed, or are about to be.
  package var lastErased: Position? { disk.durable.core.lastErased }
}
