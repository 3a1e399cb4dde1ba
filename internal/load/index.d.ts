// Types of the k6 module k6/x/kinesis.
declare module 'k6/x/kinesis' {
  /** One entry of an answer: accepted (ShardId, SequenceNumber) or not (ErrorCode, ErrorMessage). */
  export interface Entry {
    ShardId?: string;
    SequenceNumber?: string;
    /** Kinesis's error code, or why no usable answer came: Timeout, ConnectionClosed, … */
    ErrorCode?: string;
    ErrorMessage?: string;
  }
  export interface PutRecordsResult {
    FailedRecordCount: number;
    /** One entry a record, in order. */
    Records: Entry[];
  }
  export interface KinesisRecord {
    data: string | ArrayBuffer;
    partitionKey: string;
    explicitHashKey?: string;
  }
  export interface TargetOptions {
    region?: string;
    /** http://host[:port]; without one AWS_ENDPOINT_URL_KINESIS or AWS_ENDPOINT_URL, then AWS itself. */
    endpoint?: string;
    /** Of one call: '10s', or milliseconds. Default 10 s. */
    timeout?: string | number;
  }

  /** Puts records that the script makes. Throws for misuse only. */
  export class Client {
    constructor(options?: TargetOptions);
    putRecord(stream: string, record: KinesisRecord): Promise<Entry>;
    putRecords(stream: string, records: KinesisRecord[]): Promise<PutRecordsResult>;
    putRecordSync(stream: string, record: KinesisRecord): Entry;
    putRecordsSync(stream: string, records: KinesisRecord[]): PutRecordsResult;
  }

  /** Puts records that Go makes, each with its ledger token. */
  export class Stream {
    constructor(options?: TargetOptions & {
      /** Default: KINESIS_STREAM_NAME. */
      name?: string;
      /** Size of a record: '500B' (default), '1KB'; '300..900' or 'normal:500±100' where sizes vary. */
      payload?: string | number;
      /** File of records, one a line, instead of payload. */
      payloadFile?: string;
      /** File with one record's text and generators in it ({{uuid}}, {{time}}, …), instead of payload. */
      template?: string;
      /** Number of partition keys (default 10000), or how they are drawn: 'unique', 'zipf:1.1', 'hot:0.3'. */
      keys?: number | string;
    });
    /** Puts count records (1 to 500, default 1) in one call. */
    put(count?: number): { accepted: number; rejected: number; indeterminate: number };
  }

  /** A test of the catalogue on its exact schedule: at most one in a script, made in the init context. */
  export class Test {
    constructor(options?: {
      name?: string;
      payload?: string | number;
      payloadFile?: string;
      template?: string;
      /** Records per second, one step each. */
      rates?: number | number[] | string;
      /** Length of a step: '30s'. */
      step?: string;
      keys?: number | string;
    });
    /** k6's options for the schedule: export const options = test.options(). */
    options(): object;
    /** Takes the next call of the schedule, waits until it is due and starts it. */
    next(): void;
  }
}
