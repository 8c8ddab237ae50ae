export declare function encodeBinary(binary: Uint8Array): string;
