import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortWire
import Glibc

/// One number that is measured, as Prometheus reads it.
package struct Metric: Sendable {
  package enum Kind: String, Sendable { case counter, gauge, histogram }

  package let name: String
  package let kind: Kind
  package let help: String
  /// What stands behind the name, such as `_bucket{le="0.1"}`, and the value.
  package let samples: [(label: String, value: String)]

  package init(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [(label: String, value: String)]
  ) {
    self.name = name
    self.kind = kind
    self.help = help
    self.samples = samples
  }

  package init(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
    self.init(name, kind, help, [("", String(value))])
  }

  fileprivate var text: String {
    guard !samples.isEmpty else { return "" }
    var text = "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples { text += "\(name)\(sample.label) \(sample.value)\n" }
    return text
  }
}

extension Service {
  /// `GET /metrics`: the text format of Prometheus, version 0.0.4.
  ///
  /// Labels are words of the program: routes, methods, outcomes. Nothing that somebody sent.
  func metrics(_ question: Question) throws -> Answered {
    _ = try question.query()
    let all =
      ledgerMetrics(question.now) + replicaMetrics + meters.current.metrics
      + (settings.counters?() ?? [])
      + houseMetrics
    return Answered(
      status: 200, type: "text/plain; version=0.0.4; charset=utf-8",
      body: .bytes(all.flatMap { Array($0.text.utf8) }), position: question.now.end)
  }

  private func ledgerMetrics(_ now: View) -> [Metric] {
    let statistics = ledger.log.statistics
    let queue = ledger.queue
    var metrics = [
      Metric("cohort_position", .gauge, "The last durable event.", now.end.rawValue),
      Metric("cohort_requests_recorded", .gauge, "Requests in the log.", now.state.requestCount),
      Metric("cohort_users", .gauge, "Users ever created.", now.state.directory.userCount),
      Metric("cohort_cohorts", .gauge, "Cohorts.", now.state.cohorts.count),
      Metric("cohort_log_bytes", .gauge, "Durable bytes of the log.", ledger.log.chain.end),
      Metric(
        "cohort_snapshot_lag_bytes", .gauge, "Bytes of the log behind the last snapshot.",
        ledger.snapshotLag),
      Metric("cohort_writable", .gauge, "1 while writes are taken.", ledger.isWritable ? 1 : 0),
      Metric("cohort_queue_commands", .gauge, "Commands that wait.", queue.commands),
      Metric("cohort_queue_bytes", .gauge, "Bytes of commands that wait.", queue.bytes),
      Metric("cohort_syncs_total", .counter, "Syncs of the log.", statistics.syncs),
      Metric("cohort_frames_total", .counter, "Frames written.", statistics.framesWritten),
      Metric("cohort_written_bytes_total", .counter, "Bytes written.", statistics.bytesWritten),
      Metric("cohort_failed_writes_total", .counter, "Failed writes.", statistics.failedWrites),
      Metric("cohort_texts_erased_total", .counter, "Texts erased.", statistics.textsErased),
    ]
    let checkups = ledger.lastCheckups
    for (name, checkup) in [("verify", checkups.verify), ("scrub", checkups.scrub)] {
      guard let checkup else { continue }
      metrics += [
        Metric(
          "cohort_\(name)_findings", .gauge, "What the last \(name) of the log has found.",
          checkup.findings),
        Metric(
          "cohort_\(name)_timestamp_seconds", .gauge, "When the last \(name) was over.",
          checkup.time.microseconds / 1_000_000),
      ]
    }
    if let free = ledger.log.freeSpace {
      metrics.append(Metric("cohort_free_bytes", .gauge, "Free space beside the log.", free))
    }
    return metrics
  }

  private var houseMetrics: [Metric] {
    var metrics = [
      Metric(
        "cohort_uptime_seconds", .gauge, "Since the start.",
        (clock.monotonic - startedAt) / 1_000_000),
      Metric(
        "cohort_access_log_dropped_total", .counter, "Lines that found no room.",
        accessLog?.droppedCount ?? 0),
    ]
    if let size = Self.residentBytes {
      metrics.append(
        Metric("process_resident_memory_bytes", .gauge, "Resident memory.", size))
    }
    return metrics
  }

  /// Resident memory of this process; `nil` where `/proc` does not say.
  static var residentBytes: Int? {
    let number = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    defer { close(number) }
    let size = 128
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = unsafe max(0, read(number, buffer.baseAddress, size))
    }
    let words = bytes.split(separator: UInt8(ascii: " "))
    guard words.count > 1, let pages = Int(String(decoding: words[1], as: UTF8.self)) else {
      return nil
    }
    return pages * Int(getpagesize())
  }
}

extension Meters.Counts {
  fileprivate var metrics: [Metric] {
    let sorted = routes.values.sorted { ($0.route?.label ?? "") < ($1.route?.label ?? "") }
    var requests: [(String, String)] = []
    var latencies: [(String, String)] = []
    for counts in sorted {
      let label = counts.route?.label ?? #"method="-",route="-""#
      for digit in 0..<6 where counts.classes[digit] > 0 {
        let name = digit == 0 ? "none" : "\(digit)xx"
        requests.append((#"{\#(label),status="\#(name)"}"#, String(counts.classes[digit])))
      }
      latencies += counts.latency.samples(label)
    }
    return [
      Metric("cohort_http_requests_total", .counter, "Requests, by route and status.", requests),
      Metric("cohort_http_request_seconds", .histogram, "Time from head to answer.", latencies),
      Metric(
        "cohort_identifiers_total", .counter, "Identifiers of imports, by outcome.",
        Outcome.allCases.map { (#"{outcome="\#($0.name)"}"#, String(outcomes[$0])) }),
      Metric("cohort_wrong_keys_total", .counter, "Wrong keys that were shown.", wrongKeys),
      Metric("cohort_rate_limited_total", .counter, "Requests over the limit.", rateLimited),
      Metric(
        "cohort_unreadable_total", .counter, "Answers that damage of the log has prevented.",
        unreadable),
      Metric("cohort_http_read_bytes_total", .counter, "Bytes of bodies read.", bytesIn),
      Metric("cohort_http_written_bytes_total", .counter, "Bytes of bodies sent.", bytesOut),
    ]
  }
}

extension Route {
  fileprivate var label: String { #"method="\#(method.rawValue)",route="\#(pattern)""# }
}

extension Histogram {
  fileprivate func samples(_ label: String) -> [(String, String)] {
    var samples: [(String, String)] = []
    var total: UInt64 = 0
    for (index, bound) in Self.bounds.enumerated() {
      total += counts[index]
      samples.append((#"_bucket{\#(label),le="\#(bound.seconds)"}"#, String(total)))
    }
    total += counts[Self.bounds.count]
    samples.append((#"_bucket{\#(label),le="+Inf"}"#, String(total)))
    let micro = String(sum % 1_000_000)
    let padded = String(repeating: "0", count: 6 - micro.utf8.count) + micro
    samples.append(("_sum{\(label)}", "\(sum / 1_000_000).\(padded)"))
    samples.append(("_count{\(label)}", String(total)))
    return samples
  }
}
