// The library injects by reflected types and fails at its first use without this; so it is reached through here only.
import 'reflect-metadata';

export * from '@peculiar/x509';
