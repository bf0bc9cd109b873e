import CohortThreads
import Glibc
import Synchronization

/// The time of a courier.
package protocol CourierClock: Sendable {
  /// Since any moment; it never goes back.
  func now() -> Duration

  /// Returns after this time at the earliest.
  func sleep(for time: Duration)
}

/// The clock of the machine.
package struct MonotonicClock: CourierClock {
  package init() {}

  package func now() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  package func sleep(for time: Duration) {
    let (seconds, attoseconds) = time.components
    var asked = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while unsafe nanosleep(&asked, &rest) == -1, errno == EINTR { asked = rest }
  }
}

/// Carries out what a ``Delivery`` decides.
///
/// It works on the thread of its caller, and on one more for each other request in flight.
package struct Courier: Carrier {
  private let destination: any Destination
  private let keys: DestinationKeys
  private let settings: DeliverySettings
  private let clock: any CourierClock
  private let seed: UInt64
  /// How soon a stop sign is seen in a wait.
  private static let slice = Duration.milliseconds(100)

  package init(
    _ destination: any Destination, _ keys: DestinationKeys,
    settings: DeliverySettings = DeliverySettings(), clock: any CourierClock = MonotonicClock(),
    seed: UInt64 = .random(in: 0...(.max))
  ) {
    (self.destination, self.keys, self.settings) = (destination, keys, settings)
    (self.clock, self.seed) = (clock, seed)
  }

  package func carry(
    _ parcel: Parcel, stop: StopSign, progress: @escaping @Sendable (Int) -> Void
  ) -> Delivered {
    let delivery = Monitor(Delivery(parcel, settings, seed: seed))
    let shown = ShownProgress(progress)
    let count = max(parcel.removals.count, parcel.additions.count)
    let batches = (count + settings.batchCount - 1) / settings.batchCount
    // Rows of many bytes make more batches; halves too are worth a second thread. A system without
    // threads to give makes it slow, and no more.
    let threads = (0..<min(settings.inFlight, batches * 2)).dropFirst().compactMap { _ in
      try? Thread("courier") { work(delivery, parcel, stop, shown) }
    }
    work(delivery, parcel, stop, shown)
    for thread in threads { thread.join() }
    return delivery.look { $0.delivered }
  }

  private func work(
    _ delivery: Monitor<Delivery>, _ parcel: Parcel, _ stop: StopSign, _ shown: ShownProgress
  ) {
    while true {
      let step = delivery.wait { delivery -> Delivery.Step? in
        if stop.isRaised {
          delivery.stop(
            "The run was ended before all was sent. \(settings.again) for the rest.")
        }
        let step = delivery.next(at: clock.now())
        return step == .listen ? nil : step
      }
      switch step {
      case .send(let ticket, let letter):
        let verdict = Verdict(send(parcel.request(letter, keys)), to: letter, of: parcel)
        shown.show(
          delivery.change { delivery in
            delivery.take(verdict, for: ticket, at: clock.now())
            return delivery.settled
          })
      case .wait(let until): clock.sleep(for: max(.zero, min(until - clock.now(), Self.slice)))
      case .done, .listen, nil: return
      }
    }
  }

  private func send(_ request: DestinationRequest) -> Result<DestinationAnswer, NoAnswer> {
    do throws(NoAnswer) { return .success(try destination.send(request)) } catch {
      return .failure(error)
    }
  }
}

/// Shows numbers to someone, one after the other and never a smaller one.
private final class ShownProgress: Sendable {
  private let last = Mutex(0)
  private let body: @Sendable (Int) -> Void

  init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }

  func show(_ count: Int) {
    last.withLock { last in
      guard count > last else { return }
      last = count
      body(count)
    }
  }
}
