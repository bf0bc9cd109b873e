import CohortLog
import CohortModel
import CohortThreads
import TestSupport
import Testing

@testable import CohortLedger

/// FAULTS 45: a call of the disk that never returns.
@Suite struct `A disk that does not answer` {
  @Test(.timeLimit(.minutes(1)))
  func `keeps nobody from reading or closing, and everybody is told what is known`() throws {
    let house = try SilentHouse()
    let shop = house.shop
    house.gate.shut(on: .sync)
    let outcomes = Monitor<[String: [LedgerError?]]>([:])
    for name in ["ana", "bea", "cem"] {
      shop.ledger.submit(shop.importing("vip", add: [name], remove: [])) { result in
        let error: LedgerError? = if case .failure(let error) = result { error } else { nil }
        outcomes.change { $0[name, default: []].append(error) }
      }
      // The first is on its way alone; the others come while it is.
      if name == "ana" { house.gate.waitForCaller() }
    }
    #expect(try shop.members("vip") == ["dan"])
    let syncs = shop.ledger.log.statistics.syncs
    for _ in 0..<2 {
      let error = #expect(throws: LedgerError.self) { try shop.ledger.close() }
      #expect(error?.isNotClosed == true)
    }
    let told = outcomes.wait { $0.count == 3 ? $0 : nil }
    #expect(told?["ana"]?.first??.isOutcomeUnknown == true)
    #expect(told?["bea"]?.first??.isShuttingDown == true)
    #expect(told?["cem"]?.first??.isShuttingDown == true)
    #expect(try shop.members("vip") == ["dan"])
    #expect(shop.ledger.log.statistics.syncs == syncs)
    // Nobody may write beside a frame that is still on its way.
    let held = #expect(throws: LedgerError.self) { try shop.open() }
    #expect(held?.description.hasPrefix("Another process") == true)

    house.gate.open()
    _ = shop.ledger.exchange.wait { $0.hasEnded ? true : nil }
    #expect(outcomes.look { $0.values.map(\.count) } == [1, 1, 1])
    shop.disk.kill()
    try shop.open()
    #expect(try shop.members("vip") == ["ana", "dan"])
    #expect(try shop.ledger.verify().findings == [])
  }

  @Test(.timeLimit(.minutes(1)))
  func `keeps nobody waiting whose command waits for room on it`() throws {
    // Two frames of this size never fit into the zeros ahead, so each group asks the disk.
    let house = try SilentHouse(groupSize: 8 << 20)
    let shop = house.shop
    house.gate.shut(on: .sync)
    let outcomes = Monitor<[String: [LedgerError?]]>([:])
    // So long that the writer hands it over, and is free to ask for room behind it.
    let nobody = (0..<900).map { "nobody has an identifier as long as this one \($0)" }
    for name in ["ana", "bea"] {
      let command = shop.importing("vip", add: [name] + nobody, remove: [])
      shop.ledger.submit(command) { result in
        let error: LedgerError? = if case .failure(let error) = result { error } else { nil }
        outcomes.change { $0[name, default: []].append(error) }
      }
      if name == "ana" { house.gate.waitForCaller() }
    }
    _ = shop.ledger.exchange.wait { $0.hasUndecided(1) ? true : nil }
    let error = #expect(throws: LedgerError.self) { try shop.ledger.close() }
    #expect(error?.isNotClosed == true)
    let told = outcomes.wait { $0.count == 2 ? $0 : nil }
    #expect(told?["ana"]?.first??.isOutcomeUnknown == true)
    #expect(told?["bea"]?.first??.isShuttingDown == true)

    house.gate.open()
    _ = shop.ledger.exchange.wait { $0.hasEnded ? true : nil }
    #expect(outcomes.look { $0.values.map(\.count) } == [1, 1])
    shop.disk.kill()
    try shop.open()
    #expect(try shop.members("vip") == ["ana", "dan"])
  }

  /// Whoever closes tells everybody once.
  ///
  /// The writer may be about to wait just then.
  @Test(.timeLimit(.minutes(1)))
  func `keeps nobody waiting who is to wait for it when it was given up already`() throws {
    let clock = StoppingClock()
    var options = LedgerOptions.small
    // Two frames of this size never fit into the zeros ahead, so each group asks the disk.
    options.groupSize = 8 << 20
    let shop = try TestShop()
    try shop.ledger.close()
    let ledger = try Ledger.open(
      "/ledger", on: shop.disk, clock: clock, random: SeededRandomSource(seed: 1),
      options: options)
    let told = Monitor<[LedgerError?]>([])
    // The writer reads the clock once it has found that nothing keeps it from writing.
    clock.next.change {
      $0 = {
        for tell in ledger.exchange.change({ $0.abandon() }) { tell() }
        ledger.disk.ring()
      }
    }
    ledger.submit(shop.importing("vip", add: ["ana"], remove: [])) { result in
      let error: LedgerError? = if case .failure(let error) = result { error } else { nil }
      told.change { $0.append(error) }
    }
    let errors = told.wait { $0.isEmpty ? nil : $0 }
    #expect(errors?.count == 1 && errors?.first??.isShuttingDown == true)
    try? ledger.close()
  }

  @Test(.timeLimit(.minutes(1))) func `keeps nobody waiting for an erasure`() throws {
    let house = try SilentHouse()
    let ledger = house.shop.ledger
    house.gate.shut(on: .list)
    let outcome = Monitor<LedgerError?>(nil)
    let eraser = try Thread("eraser") {
      do throws(LedgerError) {
        _ = try ledger.erase(.externalID("ana"))
      } catch { outcome.change { $0 = error } }
    }
    house.gate.waitForCaller()
    #expect(throws: LedgerError.self) { try ledger.close() }
    #expect(outcome.wait(for: { $0 })?.isOutcomeUnknown == true)
    eraser.join()
    house.gate.open()
    _ = ledger.exchange.wait { $0.hasEnded ? true : nil }
    house.shop.disk.kill()
    try house.shop.open()
    #expect(house.shop.ledger.now.state.erasures.pending.isEmpty)
  }

  @Test(.timeLimit(.minutes(1))) func `keeps nobody waiting for a snapshot`() throws {
    let house = try SilentHouse()
    let ledger = house.shop.ledger
    house.gate.shut(on: .rename)
    let isTaken = Monitor<Bool?>(nil)
    let taker = try Thread("taker") {
      let taken = ledger.keepSnapshot()
      isTaken.change { $0 = taken }
    }
    house.gate.waitForCaller()
    let error = #expect(throws: LedgerError.self) { try ledger.close() }
    #expect(error?.isNotClosed == true)
    #expect(isTaken.wait(for: { $0 }) == false)
    taker.join()
    house.gate.open()
  }
}

/// A shop whose disk can be made to keep its callers.
private struct SilentHouse {
  let gate: Gate
  let shop: TestShop

  init(groupSize: Int = LedgerOptions.small.groupSize) throws {
    let gate = Gate()
    self.gate = gate
    var options = LedgerOptions.small
    options.groupSize = groupSize
    options.closeMilliseconds = 0
    shop = try TestShop(disk: SimulatedDisk { call, _ in gate.pass(call) }, options: options)
    try shop.create(["ana", "bea", "cem", "dan"])
    try shop.push("vip", add: ["dan"])
  }
}

private final class Gate: Sendable {
  private struct State {
    var call: DiskError.Call?
    var callers = 0
  }

  private let state = Monitor(State())

  func shut(on call: DiskError.Call) { state.change { $0.call = call } }

  func open() { state.change { $0.call = nil } }

  func waitForCaller() { _ = state.wait { $0.callers > 0 ? true : nil } }

  func pass(_ call: DiskError.Call) {
    state.change { if $0.call == call { $0.callers += 1 } }
    _ = state.wait { $0.call != call ? true : nil }
  }
}

extension LedgerError {
  fileprivate var isNotClosed: Bool { if case .notClosed = self { true } else { false } }
  fileprivate var isOutcomeUnknown: Bool { if case .outcomeUnknown = self { true } else { false } }
  fileprivate var isShuttingDown: Bool { if case .shuttingDown = self { true } else { false } }
}

/// A clock that does something when it is read next.
private final class StoppingClock: Clock {
  let next = Monitor<(@Sendable () -> Void)?>(nil)

  var wall: Int64 {
    if let act = next.change({ $0.take() }) { act() }
    return monotonic
  }

  var monotonic: Int64 { 1_800_000_000_000_000 }
}
